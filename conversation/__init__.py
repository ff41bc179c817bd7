"""One message in, stage by stage; one way out. Approved content, the client to Rasa, the two queues."""
