-- why WhatsApp restricts the account: nothing is sent through it until a person starts it again
ALTER TABLE sessions ADD COLUMN restriction TEXT;
