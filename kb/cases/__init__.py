"""What was tried, and what was studied: cases, studies, questions, and the changes to them."""
