using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace McpAspire.AuthServer.Storage.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class KeyLives : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
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
        }
    }
}
