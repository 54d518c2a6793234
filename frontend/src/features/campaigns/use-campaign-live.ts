import { useEffect, useState } from 'react';
import { socket } from '@/api/socket';
import type { Campaign } from '@/api/types';
import { progressOf } from '@/lib/progress';
import { sample, type Sample } from './throughput';

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

/** How the number of sent messages grew while the page was open. */
export function useSamples(campaign: Campaign): Sample[] {
  const { left } = progressOf(campaign.counts);
  const [samples, setSamples] = useState<Sample[]>([]);
  const running = campaign.status === 'running';
  useEffect(() => {
    const take = () => setSamples((before) => sample(before, Date.now(), left));
    take();
    if (!running) return;
    const timer = setInterval(take, 5000);
    return () => clearInterval(timer);
  }, [left, running]);
  return samples;
}
