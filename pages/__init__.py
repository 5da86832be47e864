"""What the pages and processes of both sides share: wording, logs, access, page frame, assets, serving."""
