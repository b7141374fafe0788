using System.Net;
using StackExchange.Redis;

namespace ScaleKit.Redis;

/// <summary>
/// Finds the primary where the connection string names Sentinels and a service. Client 1.2.6 cannot do so itself, the later ones can, each in
/// its own way: here it is one way for all. Connections to Sentinels are short, and made only when there is something to ask. Thread-safe.
/// </summary>
internal sealed class Sentinels
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly ConfigurationOptions _configuration;
    private readonly ConfigurationOptions _sentinels;
    private readonly string _service;
    private readonly TimeProvider _time;

    public Sentinels(ConfigurationOptions configuration, TimeProvider time)
    {
        _time = time;
        _service = configuration.ServiceName;
        _configuration = configuration.Clone();
        _configuration.ServiceName = null;
        _sentinels = _configuration.Clone();
        _sentinels.CommandMap = CommandMap.Sentinel;

        // A Sentinel has no keys; client 1.2.6 would ask it for one and take each later answer for that of the question before.
        _sentinels.TieBreaker = "";
    }

    /// <summary>The settings of a client of the present primary.</summary>
    /// <exception cref="IOException">No Sentinel knows one.</exception>
    public async Task<ConfigurationOptions> ResolveAsync()
    {
        var primary = await FindPrimaryAsync().ConfigureAwait(false)
            ?? throw new IOException($"None of the Sentinels {ClientConfiguration.Describe(_sentinels.EndPoints)} answers with a primary of the service '{Text.Shorten(_service)}'.");
        var resolved = _configuration.Clone();
        resolved.EndPoints.Clear();
        resolved.EndPoints.Add(primary);
        return resolved;
    }

    /// <summary>True when the Sentinels name a primary that this client is not connected to.</summary>
    public async Task<bool> HasMovedAsync(IConnectionMultiplexer client) =>
        await FindPrimaryAsync().ConfigureAwait(false) is { } primary && !client.GetEndPoints(configuredOnly: true).Contains(primary);

    // By the interface: its members are those that all versions of the client share.
    private static async Task<IConnectionMultiplexer> ConnectAsync(ConfigurationOptions sentinels) =>
        await ConnectionMultiplexer.ConnectAsync(sentinels).ConfigureAwait(false);

    private async Task<EndPoint?> FindPrimaryAsync()
    {
        var client = await ConnectAsync(_sentinels).ConfigureAwait(false);
        try
        {
            foreach (var sentinel in _sentinels.EndPoints)
            {
                // One that is away is no news: the next one is asked.
                var asking = Task.Run(() => client.GetServer(sentinel).SentinelGetMasterAddressByNameAsync(_service));
                await ((Task)asking).WaitAsync(Patience, _time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                Late.Observe(asking);
                if (asking.IsCompletedSuccessfully && await asking.ConfigureAwait(false) is { } primary)
                {
                    return primary;
                }
            }

            return null;
        }
        finally
        {
            Late.Observe(Task.Run(() => client.Close(allowCommandsToComplete: false)));
        }
    }
}
