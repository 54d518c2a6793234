import {
  closestCenter,
  DndContext,
  KeyboardSensor,
  PointerSensor,
  useSensor,
  useSensors,
  type Announcements,
  type DragEndEvent,
} from '@dnd-kit/core';
import { arrayMove, SortableContext, sortableKeyboardCoordinates, useSortable, verticalListSortingStrategy } from '@dnd-kit/sortable';
import { CSS } from '@dnd-kit/utilities';
import { ActionIcon, Group, NumberInput, Paper, Stack, Text } from '@mantine/core';
import { IconGripVertical, IconX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Session } from '@/api/types';
import { SessionStatusBadge } from '@/components/session-status';

export type Seat = { session_id: number; weight: number };
type Props = {
  seats: Seat[];
  sessions: Session[];
  /** Whether they take turns: only then has a weight an effect. */
  inTurns: boolean;
  onChange: (seats: Seat[]) => void;
};

/** The pool's numbers in the order of their turns; moved by pointer or keyboard. */
export function MemberList({ seats, sessions, inTurns, onChange }: Props) {
  const { t } = useTranslation('pools');
  const nameOf = (id: unknown) => sessions.find((session) => session.id === id)?.name;
  const ids = seats.map((seat) => seat.session_id);
  const sensors = useSensors(useSensor(PointerSensor), useSensor(KeyboardSensor, { coordinateGetter: sortableKeyboardCoordinates }));
  const say = (what: string, id: unknown, over: unknown) => t(`drag.${what}`, { name: nameOf(id), place: ids.indexOf(Number(over)) + 1 });
  const announcements: Announcements = {
    onDragStart: ({ active }) => say('lifted', active.id, active.id),
    onDragOver: ({ active, over }) => (over ? say('moved', active.id, over.id) : undefined),
    onDragEnd: ({ active, over }) => say('dropped', active.id, (over ?? active).id),
    onDragCancel: ({ active }) => say('cancelled', active.id, active.id),
  };
  const drop = ({ active, over }: DragEndEvent) => {
    if (over && active.id !== over.id) onChange(arrayMove(seats, ids.indexOf(Number(active.id)), ids.indexOf(Number(over.id))));
  };
  return (
    <DndContext
      sensors={sensors}
      collisionDetection={closestCenter}
      onDragEnd={drop}
      accessibility={{ announcements, screenReaderInstructions: { draggable: t('drag.how') } }}
    >
      <SortableContext items={ids} strategy={verticalListSortingStrategy}>
        <Stack gap={6} component="ol" m={0} p={0} style={{ listStyle: 'none' }}>
          {seats.map((seat, place) => {
            const member = sessions.find((session) => session.id === seat.session_id);
            return (
              member && (
                <Member
                  key={member.id}
                  member={member}
                  weight={inTurns ? seat.weight : null}
                  place={place + 1}
                  onWeigh={(weight) => onChange(seats.map((other) => (other === seat ? { ...seat, weight } : other)))}
                  onRemove={() => onChange(seats.filter((other) => other !== seat))}
                />
              )
            );
          })}
        </Stack>
      </SortableContext>
    </DndContext>
  );
}

type MemberProps = {
  member: Session;
  weight: number | null;
  place: number;
  onWeigh: (weight: number) => void;
  onRemove: () => void;
};

function Member({ member, weight, place, onWeigh, onRemove }: MemberProps) {
  const { t } = useTranslation('pools');
  const { setNodeRef, transform, transition, attributes, listeners, isDragging } = useSortable({ id: member.id });
  const style = {
    transform: CSS.Translate.toString(transform),
    transition,
    zIndex: isDragging ? 1 : undefined,
    position: 'relative' as const,
  };
  return (
    <Paper
      component="li"
      withBorder
      radius="md"
      p={6}
      ref={setNodeRef}
      style={style}
      shadow={isDragging ? 'md' : undefined}
      data-testid={`member-${member.id}`}
    >
      <Group gap="xs" wrap="nowrap">
        <ActionIcon
          variant="subtle"
          color="gray"
          style={{ cursor: 'grab', touchAction: 'none' }}
          {...attributes}
          {...listeners}
          aria-label={t('form.handle', { name: member.name })}
        >
          <IconGripVertical size={18} />
        </ActionIcon>
        <Text size="sm" c="dimmed" w={18} ta="right">
          {place}
        </Text>
        <Text size="sm" fw={600} style={{ flex: 1, minWidth: 0 }} truncate>
          {member.name}
        </Text>
        {weight !== null && (
          <NumberInput
            aria-label={t('form.weight', { name: member.name })}
            title={t('form.weight_hint')}
            size="xs"
            w={64}
            prefix="× "
            min={1}
            max={10}
            allowDecimal={false}
            allowNegative={false}
            value={weight}
            onChange={(value) => onWeigh(Number(value) || 1)}
          />
        )}
        <SessionStatusBadge status={member.status} />
        <ActionIcon variant="subtle" color="gray" onClick={onRemove} aria-label={t('form.remove_member', { name: member.name })}>
          <IconX size={16} />
        </ActionIcon>
      </Group>
    </Paper>
  );
}
