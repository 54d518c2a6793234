import { MantineProvider } from '@mantine/core';
import { render, screen } from '@testing-library/react';
import { expect, it } from 'vitest';
import { MessageBubble } from './message-bubble';

it('shows WhatsApp’s marks, and nothing of what looks like markup', () => {
  const { container } = render(
    <MantineProvider>
      <MessageBubble text={'Hola *Ana*, _hoy_ ~no~ <b>x</b> 2 * 3'} />
    </MantineProvider>,
  );
  expect(screen.getByText('Ana').tagName).toBe('STRONG');
  expect(screen.getByText('hoy').tagName).toBe('EM');
  expect(screen.getByText('no').tagName).toBe('S');
  expect(container.querySelector('b')).toBeNull();
  expect(container).toHaveTextContent('<b>x</b> 2 * 3');
});

it('leaves the underscores within words alone', () => {
  const { container } = render(
    <MantineProvider>
      <MessageBubble text="{{ first_name }} debe {{ due_date }}" />
    </MantineProvider>,
  );
  expect(container.querySelector('em')).toBeNull();
});
