// All SQL of the store but its tables (schema.cpp), in the subset that SQLite and PostgreSQL share; a driver
// of PostgreSQL turns ?N into $N.
#pragma once

namespace bulkhead::console::sql {

inline constexpr auto ca = "SELECT certificate, key, made_at FROM ca";
inline constexpr auto set_ca = "INSERT INTO ca VALUES (1, ?1, ?2, ?3) ON CONFLICT DO NOTHING RETURNING one";
inline constexpr auto it_keys = "SELECT id, pem, actor, added_at FROM it_key ORDER BY added_at, id";
inline constexpr auto add_it_key = "INSERT INTO it_key VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING";

#define BULKHEAD_GATEWAY_COLUMNS                                                                          \
    "name, ek_public, ak_public, anchor, serial, next_serial, not_after, enrolled_at, actor, last_seen, " \
    "box_key, generation, envelope, generation_applied, envelope_applied, desired_error, known_host, "    \
    "results, last_event, events_dropped, envelope_reached"
inline constexpr auto add_gateway =
    "INSERT INTO gateway (name, ek_public, ak_public, anchor, serial, not_after, enrolled_at, actor) "
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
inline constexpr auto gateways = "SELECT " BULKHEAD_GATEWAY_COLUMNS " FROM gateway ORDER BY name";
inline constexpr auto gateway = "SELECT " BULKHEAD_GATEWAY_COLUMNS " FROM gateway WHERE name = ?1";
inline constexpr auto gateway_by_ek = "SELECT " BULKHEAD_GATEWAY_COLUMNS " FROM gateway WHERE ek_public = ?1";
#undef BULKHEAD_GATEWAY_COLUMNS
inline constexpr auto gateway_names = "SELECT name FROM gateway ORDER BY name";
inline constexpr auto remove_gateway = "DELETE FROM gateway WHERE name = ?1 RETURNING name";
inline constexpr auto issue_certificate =
    "UPDATE gateway SET next_serial = ?2, not_after = ?3 WHERE name = ?1 RETURNING name";
inline constexpr auto use_certificate =
    "UPDATE gateway SET serial = ?2, next_serial = '' WHERE name = ?1 AND next_serial = ?2";
inline constexpr auto set_last_seen = "UPDATE gateway SET last_seen = ?2 WHERE name = ?1";
inline constexpr auto set_box_key = "UPDATE gateway SET box_key = ?2 WHERE name = ?1";
inline constexpr auto set_desired =
    "UPDATE gateway SET generation = ?2, envelope = ?3, desired_error = '' WHERE name = ?1 AND generation < "
    "?2 "
    "RETURNING name";
inline constexpr auto set_applied =
    "UPDATE gateway SET generation_applied = ?2, envelope_applied = ?3, desired_error = ?4 WHERE name = ?1";
inline constexpr auto set_reached =
    "UPDATE gateway SET envelope_reached = envelope_applied WHERE name = ?1 AND envelope_reached <> "
    "envelope_applied RETURNING name";
inline constexpr auto set_attested = "UPDATE gateway SET known_host = ?2, results = ?3 WHERE name = ?1";
inline constexpr auto report = "SELECT report FROM report WHERE gateway = ?1";
inline constexpr auto set_report =
    "INSERT INTO report VALUES (?1, ?2) ON CONFLICT (gateway) DO UPDATE SET report = excluded.report";

inline constexpr auto open_tokens = "SELECT count(*) FROM token WHERE used_by = ''";
inline constexpr auto forget_tokens = "DELETE FROM token WHERE expires < ?1";
inline constexpr auto add_token = "INSERT INTO token VALUES (?1, ?2, ?3, ?4, ?5, '')";
inline constexpr auto token =
    "SELECT hash, ek, actor, created_at, expires, used_by FROM token WHERE hash = ?1";
inline constexpr auto use_token =
    "UPDATE token SET used_by = ?2 WHERE hash = ?1 AND used_by = '' RETURNING hash";

inline constexpr auto add_user =
    "INSERT INTO person (name, role, tenant, password, actor, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6) "
    "ON CONFLICT DO NOTHING RETURNING name";
inline constexpr auto users =
    "SELECT name, role, tenant, password, actor, created_at, last_sign_in FROM person ORDER BY name";
inline constexpr auto user =
    "SELECT name, role, tenant, password, actor, created_at, last_sign_in FROM person WHERE name = ?1";
inline constexpr auto set_password = "UPDATE person SET password = ?2 WHERE name = ?1 RETURNING name";
inline constexpr auto set_signed_in = "UPDATE person SET last_sign_in = ?2 WHERE name = ?1";
inline constexpr auto remove_user = "DELETE FROM person WHERE name = ?1 RETURNING name";

inline constexpr auto add_session =
    "INSERT INTO session (hash, person, address, created_at, expires) VALUES (?1, ?2, ?3, ?4, ?5)";
inline constexpr auto trim_sessions =
    "DELETE FROM session WHERE person = ?1 AND number NOT IN "
    "(SELECT number FROM session WHERE person = ?1 ORDER BY number DESC LIMIT ?2)";
inline constexpr auto forget_sessions = "DELETE FROM session WHERE expires <= ?1";
inline constexpr auto session =
    "SELECT hash, person, address, created_at, expires FROM session WHERE hash = ?1 AND expires > ?2";
inline constexpr auto remove_session = "DELETE FROM session WHERE hash = ?1";
inline constexpr auto remove_sessions_of = "DELETE FROM session WHERE person = ?1";
inline constexpr auto count_sessions = "SELECT count(*) FROM session WHERE expires > ?1";

inline constexpr auto last_event = "SELECT last_event FROM gateway WHERE name = ?1";
inline constexpr auto set_last_event =
    "UPDATE gateway SET last_event = ?2, events_dropped = events_dropped + ?3 WHERE name = ?1";
inline constexpr auto add_event =
    "INSERT INTO event (gateway, id, time, boot_id, monotonic_ms, code, tenant, actor, operation, partition, "
    "text) "
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
inline constexpr auto trim_events =
    "DELETE FROM event WHERE gateway = ?1 AND place <= "
    "(SELECT place FROM event WHERE gateway = ?1 ORDER BY place DESC LIMIT 1 OFFSET ?2)";
// What an index serves stands alone and not in an OR: the whole fleet's events are millions.
#define BULKHEAD_EVENT_QUERY(gateway, tenant)                                                             \
    "SELECT place, gateway, id, time, boot_id, monotonic_ms, code, tenant, actor, operation, partition, " \
    "text "                                                                                               \
    "FROM event WHERE place > ?1 AND " gateway " AND (?3 = '' OR partition = ?3) AND " tenant             \
    " AND (?5 = '' OR substr(code, 1, length(?5)) = ?5) "                                                 \
    "AND (?6 = '' OR lower(text) LIKE ?6 ESCAPE '\\') ORDER BY place "
#define BULKHEAD_ANY_GATEWAY "?2 = ''"
#define BULKHEAD_ANY_TENANT "(?4 = '' OR tenant = ?4)"
struct EventStatements {
    const char* newest;
    const char* next;
};
inline constexpr EventStatements events_of_a_gateway{
    BULKHEAD_EVENT_QUERY("gateway = ?2", BULKHEAD_ANY_TENANT) "DESC LIMIT ?7",
    BULKHEAD_EVENT_QUERY("gateway = ?2", BULKHEAD_ANY_TENANT) "ASC LIMIT ?7"};
inline constexpr EventStatements events_of_a_tenant{
    BULKHEAD_EVENT_QUERY(BULKHEAD_ANY_GATEWAY, "tenant = ?4") "DESC LIMIT ?7",
    BULKHEAD_EVENT_QUERY(BULKHEAD_ANY_GATEWAY, "tenant = ?4") "ASC LIMIT ?7"};
inline constexpr EventStatements events_of_all{
    BULKHEAD_EVENT_QUERY(BULKHEAD_ANY_GATEWAY, "?4 = ''") "DESC LIMIT ?7",
    BULKHEAD_EVENT_QUERY(BULKHEAD_ANY_GATEWAY, "?4 = ''") "ASC LIMIT ?7"};
#undef BULKHEAD_ANY_TENANT
#undef BULKHEAD_ANY_GATEWAY
#undef BULKHEAD_EVENT_QUERY

inline constexpr auto newest_history =
    "SELECT value, reason FROM history WHERE gateway = ?1 AND partition = ?2 AND kind = ?3 ORDER BY place "
    "DESC "
    "LIMIT 1";
inline constexpr auto add_history =
    "INSERT INTO history (gateway, partition, tenant, kind, time, value, reason) VALUES (?1, ?2, ?3, ?4, ?5, "
    "?6, ?7)";
inline constexpr auto trim_history =
    "DELETE FROM history WHERE gateway = ?1 AND partition = ?2 AND kind = ?3 AND place <= "
    "(SELECT place FROM history WHERE gateway = ?1 AND partition = ?2 AND kind = ?3 ORDER BY place DESC "
    "LIMIT 1 "
    "OFFSET ?4)";
inline constexpr auto trim_history_of_gateway =
    "DELETE FROM history WHERE gateway = ?1 AND place <= "
    "(SELECT place FROM history WHERE gateway = ?1 ORDER BY place DESC LIMIT 1 OFFSET ?2)";
inline constexpr auto history =
    "SELECT gateway, partition, tenant, kind, time, value, reason FROM history WHERE gateway = ?1 AND "
    "partition = ?2 ORDER BY place DESC LIMIT ?3";

inline constexpr auto add_audit =
    "INSERT INTO audit (time, actor, tenant, action, subject, detail) VALUES (?1, ?2, ?3, ?4, ?5, ?6) "
    "RETURNING id";
inline constexpr auto trim_audit =
    "DELETE FROM audit WHERE id <= (SELECT id FROM audit ORDER BY id DESC LIMIT 1 OFFSET ?1)";
inline constexpr auto trim_audit_of_action =
    "DELETE FROM audit WHERE action = ?1 AND id <= "
    "(SELECT id FROM audit WHERE action = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)";
inline constexpr auto audit =
    "SELECT id, time, actor, tenant, action, subject, detail FROM audit WHERE (?1 = 0 OR id < ?1) ORDER BY "
    "id "
    "DESC LIMIT ?2";

}  // namespace bulkhead::console::sql
