using StackExchange.Redis;

namespace ScaleKit.Redis;

/// <summary>
/// Where every command goes. By default the client falls back to a replica when the primary is gone: reads would be stale, and a message
/// published there reaches nobody else.
/// </summary>
internal static class Primary
{
    public const CommandFlags Only = CommandFlags.DemandMaster;
}
