// Certificates: an unknown authority is refused, one named by the user is taken.
#include <gtest/gtest.h>
#include <httplib.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "core/world/http.h"

namespace lakeshift::world {
namespace {

// A certificate for 127.0.0.1 that signs itself.
struct Identity {
  Identity() {
    key = EVP_EC_gen("P-256");
    certificate = X509_new();
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key);
    X509_NAME* name = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>("twin"), -1, -1, 0);
    X509_set_issuer_name(certificate, name);
    X509_EXTENSION* address =
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "IP:127.0.0.1");
    X509_add_ext(certificate, address, -1);
    X509_EXTENSION_free(address);
    X509_sign(certificate, key, EVP_sha256());
  }
  ~Identity() {
    X509_free(certificate);
    EVP_PKEY_free(key);
  }
  Identity(const Identity&) = delete;
  Identity& operator=(const Identity&) = delete;
  std::string pem() const {
    BIO* memory = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(memory, certificate);
    char* data = nullptr;
    const long size = BIO_get_mem_data(memory, &data);
    std::string text(data, static_cast<std::size_t>(size));
    BIO_free(memory);
    return text;
  }
  EVP_PKEY* key;
  X509* certificate;
};

TEST(CurlTls, TakesOnlyAnAuthorityItWasTold) {
  const Identity identity;
  httplib::SSLServer server(identity.certificate, identity.key);
  server.Get("/api", [](const httplib::Request&, httplib::Response& response) {
    response.set_content("{}", "application/json");
  });
  const int port = server.bind_to_any_port("127.0.0.1");
  std::jthread serving([&] { server.listen_after_bind(); });
  HttpRequest request;
  request.url = "https://127.0.0.1:" + std::to_string(port) + "/api";
  HttpOptions options;
  options.no_proxy = "*";
  const auto refused = make_curl_transport(options)->send(request, {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "tls");
  EXPECT_EQ(refused.error().retry, Retry::never);
  EXPECT_NE(refused.error().remedy.find("CURL_CA_BUNDLE"), std::string::npos);
  const std::string bundle = ::testing::TempDir() + "lakeshift_ca_" + std::to_string(port) + ".pem";
  std::ofstream(bundle) << identity.pem();
  options.ca_bundle = bundle;
  const auto http = make_curl_transport(options);
  for (int i = 0; i < 3; ++i) {
    const auto taken = http->send(request, {});
    ASSERT_TRUE(taken) << taken.error().to_text();
    EXPECT_EQ(taken->body, "{}");
  }
  options.ca_bundle = "/no/such/file.pem";
  EXPECT_EQ(make_curl_transport(options)->send(request, {}).error().code, "tls");
  std::filesystem::remove(bundle);
  server.stop();
}

}  // namespace
}  // namespace lakeshift::world
