"""What is true, whoever asks: accounts, background, resumes, interviews, and the messages between."""
