using System;
using McpAspire.AuthServer.Clients;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace McpAspire.AuthServer.Storage.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class ClientsAndKeys : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "ClientDigest",
                table: "Consents",
                type: "TEXT",
                maxLength: 64,
                nullable: false,
                defaultValue: "");

            migrationBuilder.CreateTable(
                name: "StrangerClients",
                columns: table => new
                {
                    ClientId = table.Column<string>(type: "TEXT", maxLength: 450, nullable: false),
                    Source = table.Column<string>(type: "TEXT", maxLength: 20, nullable: false),
                    Digest = table.Column<string>(type: "TEXT", maxLength: 64, nullable: true),
                    CreatedAt = table.Column<DateTime>(type: "TEXT", nullable: false),
                    LastUsedAt = table.Column<DateTime>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_StrangerClients", x => x.ClientId);
                });

            migrationBuilder.CreateIndex(
                name: "IX_StrangerClients_Digest",
                table: "StrangerClients",
                column: "Digest",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_StrangerClients_LastUsedAt",
                table: "StrangerClients",
                column: "LastUsedAt");

            // EF's own way to drop a column of SQLite leaves the transaction for a pragma about foreign keys.
            migrationBuilder.Sql("ALTER TABLE Keys DROP COLUMN ExpiresAt");
            migrationBuilder.Sql("ALTER TABLE Keys DROP COLUMN State");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<DateTime>(
                name: "ExpiresAt",
                table: "Keys",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "State",
                table: "Keys",
                type: "TEXT",
                maxLength: 20,
                nullable: false,
                defaultValue: "");

            migrationBuilder.DropTable(
                name: "StrangerClients");

            migrationBuilder.DropColumn(
                name: "ClientDigest",
                table: "Consents");
        }
    }
}
