using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace McpAspire.AuthServer.Storage.Migrations
{
    /// <inheritdoc />
    public partial class SilentProviders : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "ConfirmedAt",
                table: "Links");

            migrationBuilder.AddColumn<DateTime>(
                name: "SilentSince",
                table: "Links",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<DateTime>(
                name: "Upstream_SilentSince",
                table: "Sessions",
                type: "TEXT",
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "Upstream_SilentSince",
                table: "Sessions");

            migrationBuilder.DropColumn(
                name: "SilentSince",
                table: "Links");

            migrationBuilder.AddColumn<DateTime>(
                name: "ConfirmedAt",
                table: "Links",
                type: "TEXT",
                nullable: true);
        }
    }
}
