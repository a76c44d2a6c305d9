#include "attestation/event_log.hpp"

#include <gtest/gtest.h>

#include "attestation/cbor.hpp"
#include "attestation/log_reader.hpp"
#include "crypto/digest.hpp"

namespace bulkhead::attestation {
namespace {

Record boot() {
    return {.sequence = 0,
            .type = RecordType::boot,
            .boot_id = "b1",
            .facts = {{"kernel", "k"}, {"reset_count", "1"}}};
}
Record start(std::uint64_t sequence) {
    return {.sequence = sequence,
            .type = RecordType::partition_start,
            .boot_id = "b1",
            .facts = {{"uuid", "u"}, {"partition", "robot-cell"}, {"start_number", "1"}}};
}
std::string reason_of(const std::string& log) {
    const auto records = read_log(log);
    return records ? "" : records.error().reason;
}

TEST(EventLog, is_read_as_it_was_written) {
    const std::vector<Record> records = {boot(), start(1)};
    const auto parsed = parse_log(encode_record(records[0]) + encode_record(records[1]));
    ASSERT_TRUE(parsed) << parsed.error().text();
    EXPECT_EQ(*parsed, records);
}

TEST(EventLog, replays_as_a_pcr_is_extended) {
    const std::string first =
        crypto::sha256_raw(std::string(32, '\0') + content_digest(encode_content(boot())));
    EXPECT_EQ(replay({boot()}), first);
    EXPECT_EQ(replay({boot(), start(1)}),
              crypto::sha256_raw(first + content_digest(encode_content(start(1)))));
    EXPECT_EQ(replay({}), std::string(32, '\0'));
}

TEST(EventLog, has_the_bytes_of_the_standard) {
    Record record = boot();
    record.facts = {{"bb", "2"}, {"a", "1"}};
    const std::string content = encode_content(record);
    // {0: "BOOT", 1: 0, 2: "b1", 3: {"a": "1", "bb": "2"}}: shorter keys first (RFC 8949 clause 4.2.1).
    EXPECT_EQ(content, std::string("\xa4\x00\x64"
                                   "BOOT"
                                   "\x01\x00\x02\x62"
                                   "b1"
                                   "\x03\xa2\x61"
                                   "a"
                                   "\x61"
                                   "1"
                                   "\x62"
                                   "bb"
                                   "\x61"
                                   "2",
                                   24));
}

TEST(EventLog, refuses_every_truncation) {
    const std::string log = encode_record(boot()) + encode_record(start(1));
    const std::size_t first = encode_record(boot()).size();
    EXPECT_EQ(reason_of(""), "log-missing");
    for (std::size_t size = 1; size < log.size(); ++size)
        EXPECT_EQ(reason_of(log.substr(0, size)), size == first ? "" : "log-malformed") << size;
}

TEST(EventLog, names_the_record_that_was_altered) {
    std::string log = encode_record(boot()) + encode_record(start(1));
    const std::size_t at = log.find("robot-cell");
    log[at] = 'R';
    const auto records = read_log(log);
    ASSERT_FALSE(records);
    EXPECT_EQ(records.error().reason, "record-forged");
    EXPECT_EQ(records.error().record, "1 PARTITION_START Robot-cell");
    EXPECT_EQ(records.error().pcr, "13");
}

TEST(EventLog, refuses_records_out_of_order_repeated_left_out_or_of_another_boot) {
    const std::string first = encode_record(boot());
    EXPECT_EQ(reason_of(first + encode_record(start(2))), "record-order");
    EXPECT_EQ(reason_of(first + encode_record(start(1)) + encode_record(start(1))), "record-order");
    EXPECT_EQ(reason_of(encode_record(start(0))), "record-order");
    Record second_boot = boot();
    second_boot.sequence = 1;
    EXPECT_EQ(reason_of(first + encode_record(second_boot)), "record-order");
    Record earlier = start(1);
    earlier.boot_id = "b0";
    EXPECT_EQ(reason_of(first + encode_record(earlier)), "record-of-other-boot");
}

TEST(EventLog, refuses_other_types_registers_and_encodings) {
    const auto raw = [](const std::string& content, std::uint64_t pcr) {
        return CborWriter()
            .map(4)
            .number(0)
            .number(0)
            .number(1)
            .number(pcr)
            .number(3)
            .map(1)
            .number(11)
            .bytes(content_digest(content))
            .number(128)
            .bytes(content)
            .take();
    };
    const std::string content = encode_content(boot());
    EXPECT_EQ(reason_of(raw(content, 13)), "");
    EXPECT_EQ(reason_of(raw(content, 12)), "log-malformed");
    std::string other = content;
    other.replace(other.find("BOOT"), 4, "BOAT");
    EXPECT_EQ(reason_of(raw(other, 13)), "record-unknown");
    EXPECT_EQ(reason_of(raw(content + "x", 13)), "log-malformed");
    std::string indefinite = raw(content, 13);
    indefinite[0] = '\xbf';
    EXPECT_EQ(reason_of(indefinite), "log-malformed");
    EXPECT_EQ(reason_of(std::string("\xb8\x04", 2) + raw(content, 13).substr(1)),
              "log-malformed");                                      // 4, but longer
    EXPECT_EQ(reason_of(std::string(64, '\x81')), "log-malformed");  // deep
    EXPECT_EQ(reason_of(std::string("\xbb\xff\xff\xff\xff\xff\xff\xff\xff", 9)), "log-malformed");
    EXPECT_EQ(reason_of(std::string(log_limit + 1, 'x')), "log-too-large");
}

TEST(EventLog, refuses_facts_that_are_repeated_or_out_of_order) {
    const auto with_facts = [](const std::string& facts) {
        const std::string content = CborWriter()
                                        .map(4)
                                        .number(0)
                                        .text("BOOT")
                                        .number(1)
                                        .number(0)
                                        .number(2)
                                        .text("b1")
                                        .number(3)
                                        .take() +
                                    facts;
        return CborWriter()
            .map(4)
            .number(0)
            .number(0)
            .number(1)
            .number(13)
            .number(3)
            .map(1)
            .number(11)
            .bytes(content_digest(content))
            .number(128)
            .bytes(content)
            .take();
    };
    EXPECT_EQ(reason_of(with_facts(CborWriter().map(2).text("a").text("").text("b").text("").take())), "");
    EXPECT_EQ(reason_of(with_facts(CborWriter().map(2).text("b").text("").text("a").text("").take())),
              "log-malformed");
    EXPECT_EQ(reason_of(with_facts(CborWriter().map(2).text("a").text("").text("a").text("").take())),
              "log-malformed");
}

}  // namespace
}  // namespace bulkhead::attestation
