"""What is kept: tables, the database, encryption, migrations. Knows nothing of what the rows mean."""
