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
import { ActionIcon, Group, Paper, Stack, Text } from '@mantine/core';
import { IconGripVertical, IconX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Session } from '@/api/types';
import { SessionStatusBadge } from '@/components/session-status';

type Props = { members: Session[]; onChange: (ids: number[]) => void };

/** The pool's numbers in the order of their turns; moved by pointer or keyboard. */
export function MemberList({ members, onChange }: Props) {
  const { t } = useTranslation('pools');
  const ids = members.map((member) => member.id);
  const sensors = useSensors(useSensor(PointerSensor), useSensor(KeyboardSensor, { coordinateGetter: sortableKeyboardCoordinates }));
  const say = (what: string, id: unknown, over: unknown) =>
    t(`drag.${what}`, { name: members.find((member) => member.id === id)?.name, place: ids.indexOf(Number(over)) + 1 });
  const announcements: Announcements = {
    onDragStart: ({ active }) => say('lifted', active.id, active.id),
    onDragOver: ({ active, over }) => (over ? say('moved', active.id, over.id) : undefined),
    onDragEnd: ({ active, over }) => say('dropped', active.id, (over ?? active).id),
    onDragCancel: ({ active }) => say('cancelled', active.id, active.id),
  };
  const drop = ({ active, over }: DragEndEvent) => {
    if (over && active.id !== over.id) onChange(arrayMove(ids, ids.indexOf(Number(active.id)), ids.indexOf(Number(over.id))));
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
          {members.map((member, place) => (
            <Member key={member.id} member={member} place={place + 1} onRemove={() => onChange(ids.filter((id) => id !== member.id))} />
          ))}
        </Stack>
      </SortableContext>
    </DndContext>
  );
}

function Member({ member, place, onRemove }: { member: Session; place: number; onRemove: () => void }) {
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
        <SessionStatusBadge status={member.status} />
        <ActionIcon variant="subtle" color="gray" onClick={onRemove} aria-label={t('form.remove_member', { name: member.name })}>
          <IconX size={16} />
        </ActionIcon>
      </Group>
    </Paper>
  );
}
