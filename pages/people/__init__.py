"""Who uses the pages: people with accounts and roles, how they sign in, and what each route asks of them."""
