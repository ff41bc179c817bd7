"""What happens by the clock. APScheduler ticks; what is due is found in tables, so a tick is safe to run twice."""
