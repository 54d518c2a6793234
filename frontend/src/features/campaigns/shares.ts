type Share = { sent: number; delivered: number; read: number; failed: number };

/** The server counts a read message as delivered and sent, too; a stacked bar needs each message once. */
export function apart({ sent, delivered, read, failed }: Share): Share {
  return { sent: sent - delivered, delivered: delivered - read, read, failed };
}
