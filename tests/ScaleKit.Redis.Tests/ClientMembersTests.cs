using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace ScaleKit.Redis.Tests;

public sealed class ClientMembersTests
{
    // Applications bring StackExchange.Redis 1.2.6, 2.x or 3.x. A member may be added here only after a look at the public API of all three.
    private static readonly string[] InAllVersions =
    [
        "CommandMap.get_Sentinel", "ConfigurationOptions.Clone", "ConfigurationOptions.Parse", "ConfigurationOptions.get_EndPoints",
        "ConfigurationOptions.get_ServiceName", "ConfigurationOptions.set_AbortOnConnectFail", "ConfigurationOptions.set_CommandMap",
        "ConfigurationOptions.set_ReconnectRetryPolicy", "ConfigurationOptions.set_ServiceName", "ConfigurationOptions.set_TieBreaker", "ConnectionFailedEventArgs.get_ConnectionType",
        "ConnectionFailedEventArgs.get_EndPoint", "ConnectionFailedEventArgs.get_FailureType", "ConnectionMultiplexer.ConnectAsync",
        "ConnectionMultiplexer.set_IncludeDetailInExceptions", "IConnectionMultiplexer.Close", "IConnectionMultiplexer.ConfigureAsync",
        "IConnectionMultiplexer.GetDatabase", "IConnectionMultiplexer.GetEndPoints", "IConnectionMultiplexer.GetServer", "IConnectionMultiplexer.GetSubscriber",
        "IConnectionMultiplexer.HashSlot",
        "IConnectionMultiplexer.add_ConnectionFailed", "IConnectionMultiplexer.add_ConnectionRestored",
        "IConnectionMultiplexer.get_IsConnected", "IConnectionMultiplexer.remove_ConnectionFailed",
        "IConnectionMultiplexer.remove_ConnectionRestored", "IDatabaseAsync.KeyDeleteAsync", "IDatabaseAsync.ScriptEvaluateAsync",
        "IDatabaseAsync.StringGetAsync", "IDatabaseAsync.StringSetAsync", "IRedisAsync.PingAsync", "IServer.SentinelGetMasterAddressByNameAsync", "IServer.get_IsConnected", "IServer.get_ServerType",
        "ISubscriber.PublishAsync", "ISubscriber.SubscribeAsync",
        "ISubscriber.UnsubscribeAsync", "LinearRetry..ctor", "RedisChannel..ctor", "RedisConnectionException.get_FailureType",
        "RedisKey.Equals", "RedisKey.op_Implicit", "RedisResult.get_IsNull", "RedisResult.op_Explicit", "RedisValue.op_Implicit",
    ];

    [Fact]
    public void Assembly_ClientMembersUsed_ExistInAllSupportedVersions()
    {
        using var file = File.OpenRead(typeof(RedisConnection).Assembly.Location);
        using var image = new PEReader(file);
        var reader = image.GetMetadataReader();
        var used = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var member in reader.MemberReferences.Select(reader.GetMemberReference))
        {
            if (member.Parent.Kind is HandleKind.TypeReference
                && reader.GetTypeReference((TypeReferenceHandle)member.Parent) is var type
                && reader.GetString(type.Namespace) == "StackExchange.Redis")
            {
                used.Add($"{reader.GetString(type.Name)}.{reader.GetString(member.Name)}");
            }
        }

        Assert.Equal(InAllVersions, used);
    }

    [Fact]
    public void PublicApi_ClientTypes_AppearInFromMultiplexerOnly()
    {
        var mentioning = typeof(RedisConnection).Assembly.GetExportedTypes()
            .SelectMany(type => type.GetMethods().Cast<System.Reflection.MethodBase>().Concat(type.GetConstructors()))
            .Where(method => method.ToString()!.Contains("StackExchange", StringComparison.Ordinal))
            .Select(method => method.Name);

        Assert.Equal(["AddScaleKitRedisFromMultiplexer"], mentioning);
    }
}
