#include <gtest/gtest.h>

#include "core/base/digest.h"
#include "core/base/xml.h"
#include "knowledge/checks/object_content.h"
#include "knowledge/credentials/shared_key.h"
#include "knowledge/credentials/sigv4.h"
#include "knowledge/stores/blob.h"
#include "knowledge/stores/registry.h"
#include "knowledge/transfers/object_copy.h"

namespace lakeshift::stores {
namespace {

// 2013-05-24T00:00:00Z and 2015-06-26T23:39:12Z
constexpr world::Instant kMay2013{world::Millis(1'369'353'600'000)};
constexpr world::Instant kJune2015{world::Millis(1'435'361'952'000)};

// Amazon S3 API reference, "Signature Calculations for the Authorization Header", the examples.
credentials::AwsKeys documented_keys() {
  return {"AKIAIOSFODNN7EXAMPLE", world::Secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"), {}};
}

std::string signature_of(const world::HttpRequest& request) {
  const std::string& value = request.headers.at("Authorization");
  return value.substr(value.find("Signature=") + 10);
}

TEST(SigV4, gives_the_documented_signature_of_a_get) {
  world::HttpRequest request;
  request.url = "https://examplebucket.s3.amazonaws.com/test.txt";
  request.headers["Range"] = "bytes=0-9";
  request.headers["Accept-Encoding"] = "identity";  // not signed
  sign_v4(request, documented_keys(), "us-east-1", "s3", kMay2013);
  EXPECT_EQ(signature_of(request),
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
}

TEST(SigV4, gives_the_documented_signature_of_a_put) {
  world::HttpRequest request;
  request.method = "PUT";
  request.url = "https://examplebucket.s3.amazonaws.com/test%24file.text";
  request.headers["Date"] = "Fri, 24 May 2013 00:00:00 GMT";
  request.headers["x-amz-storage-class"] = "REDUCED_REDUNDANCY";
  request.body = "Welcome to Amazon S3.";
  sign_v4(request, documented_keys(), "us-east-1", "s3", kMay2013);
  EXPECT_EQ(signature_of(request),
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
}

TEST(SigV4, gives_the_documented_signature_of_a_query) {
  world::HttpRequest request;
  request.url = "https://examplebucket.s3.amazonaws.com/?prefix=J&max-keys=2";
  sign_v4(request, documented_keys(), "us-east-1", "s3", kMay2013);
  EXPECT_EQ(signature_of(request),
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
  request.url = "https://examplebucket.s3.amazonaws.com/?lifecycle";
  sign_v4(request, documented_keys(), "us-east-1", "s3", kMay2013);
  EXPECT_EQ(signature_of(request),
            "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
}

// Azure Storage REST API reference, "Authorize with Shared Key", "Constructing the signature
// string".
TEST(SharedKey, signs_the_documented_text) {
  world::HttpRequest request;
  request.url =
      "https://myaccount.blob.core.windows.net/"
      "mycontainer?restype=container&comp=metadata&timeout=20";
  request.headers["x-ms-date"] = credentials::http_date(kJune2015);
  request.headers["x-ms-version"] = "2015-02-21";
  EXPECT_EQ(credentials::shared_key_text(request, "myaccount"),
            "GET\n\n\n\n\n\n\n\n\n\n\n\n"
            "x-ms-date:Fri, 26 Jun 2015 23:39:12 GMT\nx-ms-version:2015-02-21\n"
            "/myaccount/mycontainer\ncomp:metadata\nrestype:container\ntimeout:20");
}

TEST(SharedKey, refuses_a_key_that_is_no_base64) {
  world::HttpRequest request;
  const auto done =
      credentials::sign_shared_key(request, "a", world::Secret("no base64!"), kJune2015);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, "bad-credential");
}

// Microsoft, "Naming and referencing containers, blobs, and metadata".
TEST(BlobNames, holds_what_blob_can_hold) {
  for (const char* const name :
       {"a", "a/b.txt", ".hidden", "a b+c=?#", "\xC3\xBC/\xE6\x97\xA5", "%41"})
    EXPECT_EQ(blob_name_trouble(name), "") << name;
  EXPECT_EQ(blob_name_trouble(std::string(1024, 'x')), "");
  std::string wide;
  for (int i = 0; i < 1024; ++i) wide += "\xC3\xBC";
  EXPECT_EQ(blob_name_trouble(wide), "");  // characters count, not bytes
  for (const std::string& name :
       {std::string(), std::string("a."), std::string("a./b"), std::string("a/"),
        std::string("a//b"), std::string("/a"), std::string("a\\b"), std::string("a\nb"),
        std::string("a\x7f"), std::string(1025, 'x'), std::string("\xFF"), wide + "x"})
    EXPECT_NE(blob_name_trouble(name), "") << name;
  std::string deep = "a";
  for (int i = 0; i < 254; ++i) deep += "/a";
  EXPECT_NE(blob_name_trouble(deep), "");
}

TEST(BlobNames, metadata_comes_back_as_it_was) {
  for (const char* const name :
       {"plain", "with-dash", "9digit", "a_b", "_x2d_", "a_x2d_b", "dot.ted", "_", "x_x"}) {
    const std::string held = to_blob_metadata_name(name);
    EXPECT_EQ(from_blob_metadata_name(held), name);
    EXPECT_TRUE(held.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") ==
                    std::string::npos &&
                (held[0] < '0' || held[0] > '9'))
        << held;
  }
  EXPECT_EQ(to_blob_metadata_name("plain_one"), "plain_one");
}

TEST(BlobNames, tags_have_few_characters) {
  EXPECT_EQ(blob_tags_trouble({{"team", "data +-./:=_ 1"}}), "");
  EXPECT_NE(blob_tags_trouble({{"mail", "a@b"}}), "");
  EXPECT_NE(blob_tags_trouble({{"", "x"}}), "");
}

TEST(BlobPolicies, keep_reading_only) {
  EXPECT_EQ(only_read("racwdlt"), "rl");
  EXPECT_EQ(only_read("wd"), "");
}

TEST(StoreAddress, is_read_and_shown) {
  const auto s3 = parse_store_address("s3://bucket/a/b?region=eu-west-1");
  ASSERT_TRUE(s3);
  EXPECT_EQ(s3->endpoint, "https://bucket.s3.eu-west-1.amazonaws.com");
  EXPECT_EQ(s3->prefix, "a/b/");
  EXPECT_EQ(s3->to_text(), "s3://bucket/a/b/");
  EXPECT_TRUE(parse_store_address("s3://dotted.bucket")->path_style);
  const auto blob = parse_store_address("https://acc.blob.core.windows.net/box/x");
  ASSERT_TRUE(blob);
  EXPECT_EQ(blob->to_text(), "az://acc/box/x/");
  EXPECT_EQ(blob->endpoint, "https://acc.blob.core.windows.net");
  EXPECT_EQ(parse_store_address("az://acc/box")->endpoint, "https://acc.blob.core.windows.net");
  for (const char* const wrong :
       {"s3://", "az://acc", "s3://b?colour=red", "gs://b", "s3://b?endpoint=x"})
    EXPECT_FALSE(parse_store_address(wrong)) << wrong;
  EXPECT_EQ(parse_store_address("https://acc.blob.core.windows.net/box?sig=abc").error().code,
            "secret-in-config");
}

TEST(RegistryAddress, is_read) {
  const auto one = parse_registry_address("oci://127.0.0.1:5000/team/app?plain_http=true");
  ASSERT_TRUE(one);
  EXPECT_EQ(one->host, "127.0.0.1:5000");
  EXPECT_EQ(one->repository, "team/app");
  EXPECT_TRUE(one->plain_http);
  for (const char* const wrong : {"oci://", "oci://host", "oci://u:p@host/a", "oci://h/a?x=y"})
    EXPECT_FALSE(parse_registry_address(wrong)) << wrong;
}

TEST(StoreTimes, are_seconds) {
  EXPECT_EQ(seconds_of("2013-05-24T00:00:00.000Z"), 1'369'353'600);
  EXPECT_EQ(seconds_of("Fri, 24 May 2013 00:00:00 GMT"), 1'369'353'600);
  EXPECT_EQ(seconds_of("yesterday"), 0);
}

TEST(Xml, reads_what_stores_answer) {
  const auto read = parse_xml(
      "<?xml version=\"1.0\"?><!-- x --><A x='1'><B>a &amp; "
      "b&#10;</B><B/><C><![CDATA[<d>]]></C></A>",
      "test");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->children.size(), 3u);
  EXPECT_EQ(read->text_of("B"), "a & b\n");
  EXPECT_EQ(read->text_of("C"), "<d>");
  EXPECT_EQ(read->attributes.at("x"), "1");
  for (const char* const wrong : {"", "<A>", "<A></B>", "<A x=1/>", "no xml"})
    EXPECT_FALSE(parse_xml(wrong, "test")) << wrong;
}

TEST(Digests, of_pieces_are_those_of_the_whole) {
  Digester sha(Digester::Kind::sha256);
  sha.add("ab");
  sha.add("c");
  EXPECT_EQ(to_hex(sha.bytes()), sha256_hex("abc"));
  EXPECT_EQ(to_hex(md5("abc")), "900150983cd24fb0d6963f7d28e17f72");
}

}  // namespace
}  // namespace lakeshift::stores

namespace lakeshift::transfers {
namespace {

ObjectTask task(const char* from_stamp, const char* to_etag, const char* held_stamp,
                const char* held_etag, bool writing = false) {
  ObjectTask made;
  if (from_stamp != nullptr) made.from = {"k", 1, "e", from_stamp, "", false};
  if (to_etag != nullptr) made.to = {"k", 1, to_etag, to_etag, "", false};
  made.held.known = held_stamp != nullptr;
  made.held.writing = writing;
  if (held_stamp != nullptr) made.held.from_stamp = held_stamp;
  if (held_etag != nullptr) made.held.to_etag = held_etag;
  return made;
}

TEST(ObjectDecision, never_overwrites_what_somebody_else_wrote) {
  const auto step = [](const ObjectTask& one) { return decide_object(one).step; };
  EXPECT_EQ(step(task("1", nullptr, nullptr, nullptr)), ObjectStep::copy);
  EXPECT_EQ(step(task("1", "t", "1", "t")), ObjectStep::nothing);
  EXPECT_EQ(step(task("2", "t", "1", "t")), ObjectStep::copy);
  EXPECT_EQ(step(task(nullptr, "t", "1", "t")), ObjectStep::remove);
  EXPECT_EQ(step(task("1", nullptr, "1", "t")), ObjectStep::copy);  // it was removed there
  EXPECT_EQ(step(task("1", "other", "1", "t")), ObjectStep::conflict);
  EXPECT_EQ(step(task("2", "other", "1", "t")), ObjectStep::conflict);
  EXPECT_EQ(step(task(nullptr, "other", "1", "t")), ObjectStep::conflict);
  EXPECT_EQ(step(task("1", "t", nullptr, nullptr)), ObjectStep::conflict);
  EXPECT_EQ(step(task(nullptr, "t", nullptr, nullptr)), ObjectStep::conflict);
  // A run that was killed was about to write it: it is ours, whatever is there.
  EXPECT_EQ(step(task("1", "other", "", "t", true)), ObjectStep::copy);
  EXPECT_EQ(step(task(nullptr, "other", "", "", true)), ObjectStep::remove);
}

TEST(ObjectDecision, writes_only_over_what_it_saw) {
  const ObjectDecision anew = decide_object(task("1", nullptr, nullptr, nullptr));
  EXPECT_EQ(anew.condition.kind, stores::Condition::Kind::absent);
  const ObjectDecision over = decide_object(task("2", "t", "1", "t"));
  EXPECT_EQ(over.condition.kind, stores::Condition::Kind::same);
  EXPECT_EQ(over.condition.etag, "t");
}

TEST(ObjectFieldsDigest, tells_every_field) {
  stores::ObjectFields fields;
  const std::string none = fields_digest(fields);
  fields.tags["a"] = "b";
  const std::string tagged = fields_digest(fields);
  EXPECT_NE(none, tagged);
  fields.metadata["a"] = "b";
  EXPECT_NE(fields_digest(fields), tagged);
}

TEST(ObjectFieldsDifference, names_what_differs) {
  stores::ObjectFields here, there;
  EXPECT_EQ(checks::fields_difference(here, there), "");
  here.metadata["k"] = "1";
  EXPECT_EQ(checks::fields_difference(here, there), "metadata 'k' is missing at the target");
  there.metadata["k"] = "2";
  EXPECT_EQ(checks::fields_difference(here, there), "metadata 'k' is '1' and '2'");
  here.metadata = there.metadata;
  there.tags["t"] = "";
  EXPECT_EQ(checks::fields_difference(here, there), "tag 't' is only at the target");
}

}  // namespace
}  // namespace lakeshift::transfers
