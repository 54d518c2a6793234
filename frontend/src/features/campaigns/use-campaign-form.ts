import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { fieldErrors } from '@/api/problem';
import { draftErrors, type CampaignDraft } from './campaign-draft';

/** The form of a campaign, new or not, with what has to be there, and the server's answer at its fields. */
export function useCampaignForm(initialValues: CampaignDraft) {
  const { t: common } = useTranslation();
  const required = (value: string | null) => (value?.trim() ? null : common('error.required'));
  const form = useForm<CampaignDraft>({
    initialValues,
    validate: { name: required, pools: (pools) => (pools.length > 0 ? null : common('error.required')), template: required },
  });
  return {
    form,
    /** Checks the form, and hands it on or takes the reader to the first field that is wrong. */
    submit: (take: (draft: CampaignDraft) => void) =>
      form.onSubmit(take, (errors) => form.getInputNode(Object.keys(errors)[0] ?? '')?.focus())(),
    refuse: (error: unknown) => form.setErrors(draftErrors(fieldErrors(error))),
  };
}
