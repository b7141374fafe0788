using System.Globalization;
using ChatRooms;

namespace ScaleKit.Analysis.Chaos;

/// <summary>Does one thing to the cluster and waits until all is well again.</summary>
internal sealed class FaultInjector(ChatCluster cluster, ClusterView view)
{
    private readonly TimeProvider _time = TimeProvider.System;

    /// <summary>What was done, in words, and the disturbance that it was.</summary>
    /// <exception cref="TimeoutException">It was never well again.</exception>
    public async Task<(string What, Disturbance Disturbance)> InflictAsync(Fault fault)
    {
        var from = _time.GetTimestamp();
        var (what, kind) = await DoAsync(fault);
        await view.AwaitWellAsync();
        var node = (fault.Node + 1).ToString(CultureInfo.InvariantCulture);
        return (what, new Disturbance(kind, kind == DisturbanceKind.RedisGone ? null : node, from, _time.GetTimestamp()));
    }

    private async Task<(string What, DisturbanceKind Kind)> DoAsync(Fault fault)
    {
        var length = string.Create(CultureInfo.InvariantCulture, $"{fault.Length.TotalSeconds:0.0} s");
        var (primary, _) = await cluster.RedisAsync();
        switch (fault.Kind)
        {
            case FaultKind.NodeKilled:
                await cluster.KillNodeAsync(fault.Node);
                await cluster.StartNodeAsync(fault.Node);
                return ($"node {fault.Node + 1} killed and started", DisturbanceKind.Harmless);
            case FaultKind.NodeStopped:
                cluster.StopNode(fault.Node);
                await Task.Delay(fault.Length, _time);
                cluster.ResumeNode(fault.Node);
                return ($"node {fault.Node + 1} stood still for {length}", DisturbanceKind.NodeStopped);
            case FaultKind.RedisKilled:
                await primary.RestartAsync();
                return ("Redis killed and started with its data", DisturbanceKind.RedisGone);
            case FaultKind.RedisStopped:
                primary.Pause();
                await Task.Delay(fault.Length, _time);
                primary.Resume();
                return ($"Redis stood still for {length}" + await PromotedAsync(primary.Port), DisturbanceKind.RedisGone);
            default:
                await cluster.Sentinel.FailoverAsync();
                await TestKit.Eventually.HoldsAsync(async () => (await cluster.RedisAsync()).Primary != primary, "the replica is the primary");
                return ("failover by the Sentinel", DisturbanceKind.RedisGone);
        }
    }

    private async Task<string> PromotedAsync(int before) => await cluster.Sentinel.PrimaryPortAsync() == before ? "" : ", its replica was promoted";
}
