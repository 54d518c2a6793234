import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { feedQueries, socket } from '@/api/socket';

/** Keeps the socket open while `signedIn`; tells whether it is connected. */
export function useLive(signedIn: boolean): boolean {
  const queries = useQueryClient();
  const [connected, setConnected] = useState(socket.connected);
  useEffect(() => {
    if (!signedIn) return;
    const up = () => setConnected(true);
    const down = () => setConnected(false);
    socket.on('connect', up);
    socket.on('disconnect', down);
    const stopFeeding = feedQueries(socket, queries);
    socket.connect();
    return () => {
      stopFeeding();
      socket.off('connect', up);
      socket.off('disconnect', down);
      socket.disconnect();
    };
  }, [signedIn, queries]);
  return connected;
}
