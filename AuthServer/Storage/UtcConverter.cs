using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace McpAspire.AuthServer.Storage;

/// <summary>Keeps points in time as UTC, which SQLite can compare and sort (it can't do so with offsets).</summary>
internal sealed class UtcConverter() : ValueConverter<DateTimeOffset, DateTime>(
    value => value.UtcDateTime,
    value => new DateTimeOffset(DateTime.SpecifyKind(value, DateTimeKind.Utc)));
