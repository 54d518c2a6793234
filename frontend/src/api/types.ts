import type { components } from './schema.gen';

type Schemas = components['schemas'];

/** Short names for the generated types. */
export type Audience = Schemas['Audience'];
export type Campaign = Schemas['Campaign'];
export type CampaignPlan = Schemas['CampaignPlan'];
export type CampaignPreview = Schemas['CampaignPreview'];
export type CampaignStatus = Schemas['CampaignStatus'];
export type Caps = Schemas['Caps'];
export type ContactPolicy = Schemas['ContactPolicy'];
export type Dashboard = Schemas['Dashboard'];
export type Debt = Schemas['Debt'];
export type Debtor = Schemas['Debtor'];
export type DebtorStatus = Schemas['DebtorStatus'];
export type DebtorWithDebts = Schemas['DebtorWithDebts'];
export type Finding = Schemas['Finding'];
export type Hours = Schemas['Hours'];
export type Import = Schemas['Import'];
export type ImportForecast = Schemas['ImportForecast'];
export type ImportStatus = Schemas['ImportStatus'];
export type InboundFile = Schemas['InboundFile'];
export type Info = Schemas['Info'];
export type ListedImport = Schemas['ListedImport'];
export type Media = Schemas['Media'];
export type Me = Schemas['Me'];
export type Message = Schemas['Message'];
export type MessageCounts = Schemas['MessageCounts'];
export type MessageState = Schemas['MessageState'];
export type Pool = Schemas['Pool'];
export type Session = Schemas['Session'];
export type SessionQr = Schemas['SessionQr'];
export type SessionStatus = Schemas['SessionStatus'];
export type Strategy = Schemas['Strategy'];
export type Suppression = Schemas['Suppression'];
export type Template = Schemas['Template'];
export type ServerEvents = Schemas['ServerEvents'];
