using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using McpAspire.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace McpAspire.AuthServer.Tests.Interop;

/// <summary>The metadata document of a public client over https, as the SDKs want it, with a certificate that lives as long as the test.</summary>
internal sealed class HttpsClientDocument : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("interop-").FullName;
    private readonly X509Certificate2 _certificate = MakeCertificate();
    private readonly int _port = FreePort.Next();
    private WebApplication? _site;

    internal string Url => $"https://localhost:{_port}/oauth/client-metadata.json";

    internal string RedirectUri => $"http://localhost:{_port}/callback";

    /// <summary>What <c>SSL_CERT_FILE</c> must name in a process that is to trust it.</summary>
    internal string TrustFile => Path.Combine(_folder, "trusted.pem");

    private Dictionary<string, object> Document => new()
    {
        ["client_id"] = Url,
        ["client_name"] = "SDK client",
        ["redirect_uris"] = new[] { RedirectUri },
        ["grant_types"] = new[] { "authorization_code", "refresh_token" },
        ["response_types"] = new[] { "code" },
        ["token_endpoint_auth_method"] = "none",
    };

    internal async Task StartAsync()
    {
        await File.WriteAllTextAsync(TrustFile, _certificate.ExportCertificatePem(), TestContext.Current.CancellationToken);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, _port, listen => listen.UseHttps(_certificate)));
        _site = builder.Build();
        _site.MapGet("/oauth/client-metadata.json", (HttpContext context) => context.Response.WriteAsJsonAsync(Document));
        await _site.StartAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_site is not null)
        {
            await _site.DisposeAsync();
        }

        _certificate.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static X509Certificate2 MakeCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        var now = DateTimeOffset.UtcNow;
        using var certificate = request.CreateSelfSigned(now.AddHours(-1), now.AddDays(1));
        // Windows can't serve a key that was never written.
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
    }
}
