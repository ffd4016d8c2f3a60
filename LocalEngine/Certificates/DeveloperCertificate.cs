using System.Security.Cryptography.X509Certificates;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using McpAspire.LocalEngine.Data;

namespace McpAspire.LocalEngine.Certificates;

/// <summary>The certificate that <c>dotnet dev-certs https</c> makes: what this stack serves https with.</summary>
internal sealed class DeveloperCertificate
{
    // Marks ASP.NET's developer certificates; the extension's first byte is their version.
    private const string Oid = "1.3.6.1.4.1.311.84.1.1";

    private DeveloperCertificate(X509Certificate2 certificate, string? trustFolders)
    {
        Certificate = certificate;
        TrustFolders = trustFolders;
    }

    internal X509Certificate2 Certificate { get; }

    /// <summary>What SSL_CERT_DIR must be for children to trust it, whatever they are made with; null where it plays no part.</summary>
    internal string? TrustFolders { get; }

    private static string TrustFolder => Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".aspnet", "dev-certs", "trust");

    /// <summary>Finds it, if any resource serves https; null where none does.</summary>
    /// <exception cref="DistributedApplicationException">There is none, or it is not trusted.</exception>
    internal static DeveloperCertificate? ForResources(IEnumerable<IResource> resources)
    {
        if (!resources.SelectMany(resource => resource.Annotations.OfType<EndpointAnnotation>()).Any(endpoint => endpoint.UriScheme == "https"))
        {
            return null;
        }

        var certificate = Find() ?? throw new DistributedApplicationException(
            "The https profile needs ASP.NET's developer certificate, and there is none. Make one: dotnet dev-certs https --trust");
        var inFolder = IsInTrustFolder(certificate);
        return inFolder || IsTrusted(certificate)
            ? new DeveloperCertificate(certificate, inFolder ? WithTrustFolder() : null)
            : throw new DistributedApplicationException(
                "The https profile needs ASP.NET's developer certificate to be trusted, and it is not. Trust it: dotnet dev-certs https --trust");
    }

    /// <summary>Writes certificate and key as PEM files that only their owner may read.</summary>
    internal (string CertificatePath, string KeyPath) Export(string folder)
    {
        var certificatePath = Path.Combine(folder, "developer-certificate.pem");
        var keyPath = Path.Combine(folder, "developer-certificate.key.pem");
        using var key = Certificate.GetRSAPrivateKey() ?? throw new DistributedApplicationException(
            "The developer certificate has no RSA key. Make a new one: dotnet dev-certs https --clean, then dotnet dev-certs https --trust");
        PrivateFiles.Write(certificatePath, Certificate.ExportCertificatePem());
        PrivateFiles.Write(keyPath, key.ExportPkcs8PrivateKeyPem());
        return (certificatePath, keyPath);
    }

    private static string WithTrustFolder()
    {
        var folders = Environment.GetEnvironmentVariable("SSL_CERT_DIR") is { Length: > 0 } set ? set : "/etc/ssl/certs";
        return folders.Split(':').Contains(TrustFolder) ? folders : $"{TrustFolder}:{folders}";
    }

    private static X509Certificate2? Find()
    {
        using var store = new X509Store(StoreName.My, StoreLocation.CurrentUser);
        store.Open(OpenFlags.ReadOnly);
        var now = DateTime.Now;
        return store.Certificates
            .Where(certificate => certificate.HasPrivateKey && certificate.NotBefore <= now && now <= certificate.NotAfter && Version(certificate) > 0)
            .OrderByDescending(Version)
            .ThenByDescending(certificate => certificate.NotAfter)
            .FirstOrDefault();
    }

    private static int Version(X509Certificate2 certificate) =>
        certificate.Extensions.FirstOrDefault(extension => extension.Oid?.Value == Oid)?.RawData is [var version, ..] ? version : 0;

    private static bool IsTrusted(X509Certificate2 certificate)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(certificate);
    }

    /// <summary>On Linux, trusting writes it to a folder that OpenSSL reads only when SSL_CERT_DIR names it.</summary>
    private static bool IsInTrustFolder(X509Certificate2 certificate) =>
        OperatingSystem.IsLinux()
        && Directory.Exists(TrustFolder)
        && Directory.EnumerateFiles(TrustFolder, "*.pem").Any(file =>
        {
            using var trusted = X509CertificateLoader.LoadCertificateFromFile(file);
            return trusted.Thumbprint == certificate.Thumbprint;
        });
}
