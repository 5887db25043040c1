/** What people write about, by the topic a label may name. Stems are made when it is loaded. */
export const LEXICON: Readonly<Record<string, string>> = {
  billing:
    'bill billed invoice charge charged twice double payment pay paid price refund money card credit debit subscription cost fee tax vat receipt discount coupon overcharged bank transaction renewal plan',
  shipping:
    'ship shipped shipment delivery deliver delivered package parcel courier tracking track arrive arrived late lost address order warehouse customs carrier dispatch dispatched transit damaged box return label',
  technical:
    'error bug crash crashes crashed broken fail fails failed failing install installation update slow freeze frozen page load loading app website server timeout api code integration blank screen exception bluetooth wifi connect sync device firmware work working',
  account:
    'account login log sign password reset username email profile locked lock access two-factor authentication verify verification delete close register registration user settings permission signin 2fa code',
  sales: 'buy purchase quote demo pricing enterprise upgrade trial offer license seats volume contract interested',
  refund: 'refund money back return reimburse reimbursement chargeback cancel',
  cancellation: 'cancel cancellation terminate unsubscribe stop end contract',
  complaint: 'unacceptable angry terrible worst disappointed complaint awful rude manager never again furious',
  feedback: 'suggest suggestion feature idea wish improve improvement feedback love',
  security: 'hack hacked phishing breach stolen suspicious fraud unauthorized leak vulnerability',
  legal: 'lawyer legal gdpr contract privacy court sue terms',
  positive: 'great love loved excellent thanks thank happy awesome perfect good nice wonderful fast recommend amazing best',
  negative: 'bad terrible awful hate worst angry broken slow disappointed poor never refund problem useless unacceptable',
  neutral: 'okay fine average normal question information',
  urgent: 'urgent immediately asap now emergency critical down outage production blocked today deadline',
  high: 'urgent immediately asap critical down outage blocked cannot lost deadline security',
  medium: 'soon issue problem slow wrong',
  low: 'question wondering curious whenever minor cosmetic typo suggestion',
  spam: 'winner prize lottery viagra casino free click bitcoin inheritance offer',
  approve: 'approve approved fine correct valid good complete yes',
  reject: 'reject rejected invalid wrong missing incomplete no fraud',
};

/** Other names of the same topics. */
export const SYNONYMS: Readonly<Record<string, string>> = {
  payment: 'billing',
  payments: 'billing',
  invoice: 'billing',
  finance: 'billing',
  delivery: 'shipping',
  logistics: 'shipping',
  order: 'shipping',
  orders: 'shipping',
  tech: 'technical',
  bug: 'technical',
  support: 'technical',
  login: 'account',
  access: 'account',
  returns: 'refund',
  critical: 'urgent',
  normal: 'medium',
};
