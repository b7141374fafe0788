using ScaleKit.Admission;
using ScaleKit.TestKit;

namespace ScaleKit.Redis.Tests.Admission;

/// <summary>One node: a connection and a queue of its own. Nodes of one server and one queue name share their seats.</summary>
internal sealed class AdmissionNode : IAsyncDisposable
{
    /// <summary>The shortest there is: what a test waits for takes this long.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(1);

    // An answer that is lost for good must fail its test, not hold up the run.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public AdmissionNode(
        string connectionString, int room = 8, int rooms = 100, int total = 800, string queue = "default", Action<AdmissionOptions>? configure = null,
        Func<ISeatStore, ISeatStore>? wrap = null)
    {
        Connection = Connect.To(connectionString, options => options.CallTimeout = TimeSpan.FromSeconds(1));
        var options = new AdmissionOptions { RoomCapacity = room, ActiveRooms = rooms, TotalCapacity = total, StoreLease = Lease };
        configure?.Invoke(options);
        ISeatStore store = new RedisSeatStore(Connection, queue);
        Queue = new AdmissionQueue(options, store: wrap?.Invoke(store) ?? store);
    }

    public RedisConnection Connection { get; }

    public AdmissionQueue Queue { get; }

    public List<AdmissionLease> Held { get; } = [];

    /// <summary>Takes a seat that must be there.</summary>
    public async Task<AdmissionLease> SitAsync(string room, string? clientId = null)
    {
        var result = await Queue.AdmitAsync(new AdmissionRequest(room, clientId)).AsTask().WaitAsync(Patience);
        Assert.True(result.IsAdmitted, $"{room}: {result.Refusal}, {result.BindingCap}");
        Held.Add(result.Lease);
        return result.Lease;
    }

    public Task<AdmissionResult> TryAsync(string room) =>
        Queue.AdmitAsync(new AdmissionRequest(room) { Deadline = TimeSpan.Zero }).AsTask().WaitAsync(Patience);

    /// <summary>Stands in the line: the store has said so when this returns.</summary>
    public async Task<AdmissionTicket> WaitAsync(string room, AdmissionPriority priority = AdmissionPriority.Normal)
    {
        var ticket = Queue.Enter(new AdmissionRequest(room) { Deadline = TimeSpan.FromMinutes(5), Priority = priority });
        await Eventually.HoldsAsync(() => ticket.BindingCap != AdmissionCap.None, "it stands in the line");
        return ticket;
    }

    public async ValueTask DisposeAsync()
    {
        await Queue.DisposeAsync();
        await Connection.DisposeAsync();
    }
}
