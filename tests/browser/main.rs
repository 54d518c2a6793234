mod web_channel;
