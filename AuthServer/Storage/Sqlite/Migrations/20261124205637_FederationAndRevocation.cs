using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace McpAspire.AuthServer.Storage.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class FederationAndRevocation : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<DateTime>(
                name: "Upstream_AskedAt",
                table: "Sessions",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<DateTime>(
                name: "Upstream_ConfirmedAt",
                table: "Sessions",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Upstream_Provider",
                table: "Sessions",
                type: "TEXT",
                maxLength: 50,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Upstream_Sid",
                table: "Sessions",
                type: "TEXT",
                maxLength: 255,
                nullable: true);

            migrationBuilder.AddColumn<DateTime>(
                name: "Upstream_SilentSince",
                table: "Sessions",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Upstream_Subject",
                table: "Sessions",
                type: "TEXT",
                maxLength: 255,
                nullable: true);

            migrationBuilder.AddColumn<byte[]>(
                name: "Upstream_Token",
                table: "Sessions",
                type: "BLOB",
                nullable: true);

            migrationBuilder.AddColumn<DateTime>(
                name: "LastUsedAt",
                table: "Grants",
                type: "TEXT",
                nullable: false,
                defaultValue: new DateTime(1, 1, 1, 0, 0, 0, 0, DateTimeKind.Unspecified));

            migrationBuilder.AddColumn<string>(
                name: "Provider",
                table: "Grants",
                type: "TEXT",
                maxLength: 50,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "UpstreamSubject",
                table: "Grants",
                type: "TEXT",
                maxLength: 255,
                nullable: true);

            // An account may be without a user name and a password now. EF's own way to alter a column of SQLite leaves the
            // transaction for a pragma about foreign keys; none leads to this table, so it is made anew inside it.
            migrationBuilder.RenameTable(name: "Accounts", newName: "AccountsBefore");

            migrationBuilder.CreateTable(
                name: "Accounts",
                columns: table => new
                {
                    Id = table.Column<string>(type: "TEXT", maxLength: 50, nullable: false),
                    UserName = table.Column<string>(type: "TEXT", maxLength: 256, nullable: true),
                    PasswordHash = table.Column<string>(type: "TEXT", nullable: true),
                    UpstreamUserName = table.Column<string>(type: "TEXT", maxLength: 256, nullable: true),
                    Name = table.Column<string>(type: "TEXT", maxLength: 256, nullable: false),
                    Email = table.Column<string>(type: "TEXT", maxLength: 256, nullable: true),
                    Roles = table.Column<string>(type: "TEXT", nullable: false),
                    CreatedAt = table.Column<DateTime>(type: "TEXT", nullable: false),
                    FailedSignIns = table.Column<int>(type: "INTEGER", nullable: false),
                    LockedUntil = table.Column<DateTime>(type: "TEXT", nullable: true),
                    DisabledAt = table.Column<DateTime>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Accounts", x => x.Id);
                });

            migrationBuilder.Sql(
                "INSERT INTO Accounts (Id, UserName, PasswordHash, Name, Email, Roles, CreatedAt, FailedSignIns, LockedUntil) "
                + "SELECT Id, UserName, PasswordHash, Name, Email, Roles, CreatedAt, FailedSignIns, LockedUntil FROM AccountsBefore");

            migrationBuilder.DropTable(name: "AccountsBefore");

            migrationBuilder.CreateIndex(
                name: "IX_Accounts_UserName",
                table: "Accounts",
                column: "UserName",
                unique: true);

            migrationBuilder.Sql("UPDATE Grants SET LastUsedAt = AuthorizedAt");

            migrationBuilder.CreateTable(
                name: "Links",
                columns: table => new
                {
                    Provider = table.Column<string>(type: "TEXT", maxLength: 50, nullable: false),
                    Subject = table.Column<string>(type: "TEXT", maxLength: 255, nullable: false),
                    AccountId = table.Column<string>(type: "TEXT", maxLength: 50, nullable: false),
                    CreatedAt = table.Column<DateTime>(type: "TEXT", nullable: false),
                    LastSignInAt = table.Column<DateTime>(type: "TEXT", nullable: false),
                    OfflineToken = table.Column<byte[]>(type: "BLOB", nullable: true),
                    AskedAt = table.Column<DateTime>(type: "TEXT", nullable: true),
                    SilentSince = table.Column<DateTime>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Links", x => new { x.Provider, x.Subject });
                });

            migrationBuilder.CreateTable(
                name: "LogoutNotices",
                columns: table => new
                {
                    Id = table.Column<string>(type: "TEXT", maxLength: 50, nullable: false),
                    Kind = table.Column<string>(type: "TEXT", maxLength: 20, nullable: false),
                    Target = table.Column<string>(type: "TEXT", maxLength: 450, nullable: false),
                    AccountId = table.Column<string>(type: "TEXT", maxLength: 50, nullable: false),
                    SessionId = table.Column<string>(type: "TEXT", maxLength: 50, nullable: true),
                    Token = table.Column<byte[]>(type: "BLOB", nullable: true),
                    CreatedAt = table.Column<DateTime>(type: "TEXT", nullable: false),
                    NextAttemptAt = table.Column<DateTime>(type: "TEXT", nullable: false),
                    Attempts = table.Column<int>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_LogoutNotices", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "Revocations",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    Member = table.Column<string>(type: "TEXT", maxLength: 200, nullable: false),
                    ExpiresAt = table.Column<DateTime>(type: "TEXT", nullable: false),
                    ToldAt = table.Column<DateTime>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Revocations", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "UpstreamEndings",
                columns: table => new
                {
                    Provider = table.Column<string>(type: "TEXT", maxLength: 50, nullable: false),
                    Sid = table.Column<string>(type: "TEXT", maxLength: 255, nullable: false),
                    EndedAt = table.Column<DateTime>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_UpstreamEndings", x => new { x.Provider, x.Sid });
                });

            migrationBuilder.CreateIndex(
                name: "IX_Sessions_Upstream_Provider_Upstream_Subject",
                table: "Sessions",
                columns: new[] { "Upstream_Provider", "Upstream_Subject" });

            migrationBuilder.CreateIndex(
                name: "IX_Links_AccountId",
                table: "Links",
                column: "AccountId");

            migrationBuilder.CreateIndex(
                name: "IX_LogoutNotices_NextAttemptAt",
                table: "LogoutNotices",
                column: "NextAttemptAt");

            migrationBuilder.CreateIndex(
                name: "IX_Revocations_ExpiresAt",
                table: "Revocations",
                column: "ExpiresAt");

            migrationBuilder.CreateIndex(
                name: "IX_Revocations_ToldAt",
                table: "Revocations",
                column: "ToldAt");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "Links");

            migrationBuilder.DropTable(
                name: "LogoutNotices");

            migrationBuilder.DropTable(
                name: "Revocations");

            migrationBuilder.DropTable(
                name: "UpstreamEndings");

            migrationBuilder.DropIndex(
                name: "IX_Sessions_Upstream_Provider_Upstream_Subject",
                table: "Sessions");

            migrationBuilder.DropColumn(
                name: "Upstream_AskedAt",
                table: "Sessions");

            migrationBuilder.DropColumn(
                name: "Upstream_ConfirmedAt",
                table: "Sessions");

            migrationBuilder.DropColumn(
                name: "Upstream_Provider",
                table: "Sessions");

            migrationBuilder.DropColumn(
                name: "Upstream_Sid",
                table: "Sessions");

            migrationBuilder.DropColumn(
                name: "Upstream_SilentSince",
                table: "Sessions");

            migrationBuilder.DropColumn(
                name: "Upstream_Subject",
                table: "Sessions");

            migrationBuilder.DropColumn(
                name: "Upstream_Token",
                table: "Sessions");

            migrationBuilder.DropColumn(
                name: "LastUsedAt",
                table: "Grants");

            migrationBuilder.DropColumn(
                name: "Provider",
                table: "Grants");

            migrationBuilder.DropColumn(
                name: "UpstreamSubject",
                table: "Grants");

            migrationBuilder.DropColumn(
                name: "DisabledAt",
                table: "Accounts");

            migrationBuilder.DropColumn(
                name: "UpstreamUserName",
                table: "Accounts");

            migrationBuilder.AlterColumn<string>(
                name: "UserName",
                table: "Accounts",
                type: "TEXT",
                maxLength: 256,
                nullable: false,
                defaultValue: "",
                oldClrType: typeof(string),
                oldType: "TEXT",
                oldMaxLength: 256,
                oldNullable: true);

            migrationBuilder.AlterColumn<string>(
                name: "PasswordHash",
                table: "Accounts",
                type: "TEXT",
                nullable: false,
                defaultValue: "",
                oldClrType: typeof(string),
                oldType: "TEXT",
                oldNullable: true);
        }
    }
}
