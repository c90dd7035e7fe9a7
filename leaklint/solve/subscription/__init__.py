"""What is listened to, subscribed or scheduled, and not taken back."""
