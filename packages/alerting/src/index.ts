export { fingerprint, isResolved, type Alert } from "./alert.ts";
export { AlertmanagerSender, type AlertmanagerSenderOptions } from "./alertmanager/alertmanager-sender.ts";
export {
  ALERTMANAGER_KEYS_WITHOUT_EFFECT,
  alertingSchema,
  type AlertmanagerConfig,
  type Relabelling,
} from "./config/alertmanagers.ts";
export { DEFAULT_RULES_FILE } from "./config/default-rules.ts";
export { parseMatchers } from "./config/matcher-text.ts";
export {
  NOTIFICATIONS_DEFAULT,
  notificationsSchema,
  type LogConfig,
  type NotificationsConfig,
  type ReceiverConfig,
  type RouteConfig,
  type WebhookConfig,
} from "./config/notifications.ts";
export {
  loadRuleFile,
  type AlertingRuleConfig,
  type RecordingRuleConfig,
  type RuleConfig,
  type RuleFileOptions,
  type RuleGroupConfig,
} from "./config/rule-file.ts";
export * from "./limits.ts";
export { Notifier, type NotifierOptions } from "./notify/notifier.ts";
export type { StoredAlert } from "./notify/merge.ts";
export type { AlertState } from "./rules/alert-states.ts";
export { RuleManager, type RuleManagerOptions } from "./rules/rule-manager.ts";
export type {
  AlertingRuleStatus,
  AlertStatus,
  RecordingRuleStatus,
  RuleGroupStatus,
  RuleHealth,
  RuleStatus,
} from "./rules/rule-status.ts";
