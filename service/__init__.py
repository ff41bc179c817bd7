"""The composition root: settings, the application, the command line, the demo. Uses everything below."""
