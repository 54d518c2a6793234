import { TextInput, type TextInputProps } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { useEffect, useRef } from 'react';

type Props = Pick<TextInputProps, 'style'> & {
  label: string;
  /** What the URL says is sought. */
  sought: string | undefined;
  onSearch: (text: string | undefined) => void;
};

/**
 * Searches once the reader pauses. The box keeps its own text, so that no letter is lost while the URL catches up;
 * only a change from elsewhere, such as clearing the filters, replaces it.
 */
export function SearchBox({ label, sought, onSearch, style }: Props) {
  const box = useRef<HTMLInputElement>(null);
  const asked = useRef(sought);
  const search = useDebouncedCallback((typed: string) => {
    asked.current = typed.trim() || undefined;
    onSearch(asked.current);
  }, 300);
  useEffect(() => {
    if (box.current && sought !== asked.current) box.current.value = sought ?? '';
    asked.current = sought;
  }, [sought]);
  return (
    <TextInput
      ref={box}
      aria-label={label}
      placeholder={label}
      leftSection={<IconSearch size={16} />}
      defaultValue={sought}
      onChange={(event) => search(event.currentTarget.value)}
      // Who goes on to a link does not wait: a search that came after it would bring them back.
      onBlur={() => search.flush()}
      style={style}
    />
  );
}
