"""What is known: findings, studies, and the practitioners' questions with honest answers."""
