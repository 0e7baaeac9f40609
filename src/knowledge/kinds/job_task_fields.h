// Fields of a job's tasks, and what tasks and jobs share. Source: databricks-sdk 0.156 (jobs.Task).
#pragma once

#include "knowledge/kinds/compute_fields.h"

namespace lakeshift::kinds {

inline constexpr std::size_t kTaskFieldCount = 41;
// A for-each task holds a task: the table refers to itself.
extern const Field kTaskFields[kTaskFieldCount];

inline constexpr Field kHealthRule[] = {plain("metric"), plain("op"), plain("value")};
inline constexpr Field kHealth[] = {list_of("rules", kHealthRule)};

inline constexpr Field kWebhook[] = {refers("id", "notification_destination")};
inline constexpr Field kWebhooks[] = {
    set_of("on_duration_warning_threshold_exceeded", kWebhook),
    set_of("on_failure", kWebhook),
    set_of("on_maintenance_complete", kWebhook),
    set_of("on_maintenance_start", kWebhook),
    set_of("on_start", kWebhook),
    set_of("on_streaming_backlog_exceeded", kWebhook),
    set_of("on_success", kWebhook),
};
inline constexpr Field kEmails[] = {
    plain("no_alert_for_skipped_runs", "false"),
    set_of("on_duration_warning_threshold_exceeded", kPersonTexts),
    set_of("on_failure", kPersonTexts),
    set_of("on_maintenance_complete", kPersonTexts),
    set_of("on_maintenance_start", kPersonTexts),
    set_of("on_start", kPersonTexts),
    set_of("on_streaming_backlog_exceeded", kPersonTexts),
    set_of("on_success", kPersonTexts),
};

}  // namespace lakeshift::kinds
