import { Anchor, Button, type AnchorProps, type ButtonProps } from '@mantine/core';
import { createLink } from '@tanstack/react-router';
import type { AnchorHTMLAttributes, Ref } from 'react';

type Native = Omit<AnchorHTMLAttributes<HTMLAnchorElement>, 'color' | 'style'> & { ref?: Ref<HTMLAnchorElement> };

/** A link that looks like a button, with typed targets. */
export const LinkButton = createLink((props: ButtonProps & Native) => <Button component="a" {...props} />);

/** A link in text, with typed targets. */
export const TextLink = createLink((props: AnchorProps & Native) => <Anchor {...props} />);
