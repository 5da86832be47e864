"""The 收件凭证: what an applicant takes home, on the screen, from the browser's printer, and as PDF."""
