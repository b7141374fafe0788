namespace ScaleKit.Migration.Tests.ModelChecking;

/// <summary>The lasting part of a world: what is left when every process has been killed, and what its users remember.</summary>
internal sealed record Snapshot(ModelStore Old, ModelStore New, ModelJournal Journal, RegisterMonitor Monitor)
{
    public ulong Hash() => Mix.In(Mix.In(Mix.In(Old.Hash(), New.Hash()), Journal.Hash()), Monitor.Hash());
}
