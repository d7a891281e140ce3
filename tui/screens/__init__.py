"""The places of the application and its dialogs; each screen owns its handlers."""
