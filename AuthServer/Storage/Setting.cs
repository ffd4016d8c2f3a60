using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace McpAspire.AuthServer.Storage;

/// <summary>One fact about the database itself, such as the issuer it was made for.</summary>
internal sealed class Setting
{
    public required string Name { get; init; }

    public required string Value { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<Setting>
    {
        public void Configure(EntityTypeBuilder<Setting> builder)
        {
            builder.ToTable("Settings").HasKey(setting => setting.Name);
            builder.Property(setting => setting.Name).HasMaxLength(100);
        }
    }
}
