"""What Paperdesk knows: domain types, the library database, the passage index, hybrid search."""
