using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using Microsoft.Extensions.DependencyInjection;

namespace McpAspire.ServiceDefaults.KeyRing;

/// <summary>Wraps the keys of a DataProtection key ring with the service's <see cref="WrappingKey"/> before they are stored.</summary>
public sealed class WrappedXmlEncryptor(WrappingKey key) : IXmlEncryptor
{
    internal const string Purpose = "data-protection-key";

    /// <inheritdoc />
    public EncryptedXmlInfo Encrypt(XElement plaintextElement)
    {
        ArgumentNullException.ThrowIfNull(plaintextElement);
        var wrapped = key.Wrap(Encoding.UTF8.GetBytes(plaintextElement.ToString(SaveOptions.DisableFormatting)), Purpose);
        return new EncryptedXmlInfo(new XElement("wrappedKey", Convert.ToBase64String(wrapped)), typeof(WrappedXmlDecryptor));
    }
}

/// <summary>Opens what <see cref="WrappedXmlEncryptor"/> wrapped. DataProtection makes it by type, with the services at hand.</summary>
public sealed class WrappedXmlDecryptor(IServiceProvider services) : IXmlDecryptor
{
    /// <inheritdoc />
    public XElement Decrypt(XElement encryptedElement)
    {
        ArgumentNullException.ThrowIfNull(encryptedElement);
        var key = services.GetRequiredService<WrappingKey>();
        return XElement.Parse(Encoding.UTF8.GetString(key.Unwrap(Convert.FromBase64String(encryptedElement.Value), WrappedXmlEncryptor.Purpose)));
    }
}
