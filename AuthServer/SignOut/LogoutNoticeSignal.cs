using McpAspire.AuthServer.Availability;

namespace McpAspire.AuthServer.SignOut;

/// <summary>Says that there are new notices to deliver.</summary>
internal sealed class LogoutNoticeSignal : Signal;
