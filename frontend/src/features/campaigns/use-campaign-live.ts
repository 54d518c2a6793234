import { useEffect } from 'react';
import { socket } from '@/api/socket';

/** Asks for the events of a campaign's messages while it is on show, after each reconnect again. */
export function useWatch(id: number): void {
  useEffect(() => {
    // A refusal only means fewer events; the page still shows what it fetches.
    const watch = () => socket.emit('campaign.watch', { campaign_id: id }, () => {});
    if (socket.connected) watch();
    socket.on('connect', watch);
    return () => {
      socket.off('connect', watch);
      if (socket.connected) socket.emit('campaign.unwatch', { campaign_id: id }, () => {});
    };
  }, [id]);
}
