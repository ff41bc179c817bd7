"""What all pages share: the design tokens, the base styles, the page skeleton."""
