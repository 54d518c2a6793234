import { Box, Button, Center } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { ErrorState } from './states';

type Props = {
  query: {
    error: unknown;
    hasNextPage: boolean;
    isFetchingNextPage: boolean;
    isFetchNextPageError: boolean;
    fetchNextPage: () => unknown;
  };
};

/** The way to the next page of a list that grows, or why that one could not be had; what is there stays. */
export function LoadMore({ query }: Props) {
  const { t } = useTranslation();
  const next = () => void query.fetchNextPage();
  if (!query.hasNextPage) return null;
  if (query.isFetchNextPageError && !query.isFetchingNextPage) {
    return (
      <Box mt="md">
        <ErrorState error={query.error} retry={next} />
      </Box>
    );
  }
  return (
    <Center mt="md">
      <Button variant="default" loading={query.isFetchingNextPage} onClick={next}>
        {t('action.load_more')}
      </Button>
    </Center>
  );
}
