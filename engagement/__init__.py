"""What the programme knows and decides: participants, studies, opt-outs, permissions, escalations, audit."""
