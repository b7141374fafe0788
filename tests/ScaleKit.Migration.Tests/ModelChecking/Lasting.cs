namespace ScaleKit.Migration.Tests.ModelChecking;

/// <summary>What is left when every process has been killed: both stores and the journal. Shared between worlds, so nobody changes it after it was made; see <see cref="Copy()"/>.</summary>
internal sealed class Lasting(ModelStore old, ModelStore @new, ModelJournal journal)
{
    private ulong _hash;

    public ModelStore Old => old;

    public ModelStore New => @new;

    public ModelJournal Journal => journal;

    public bool VersionFell => Old.VersionFell || New.VersionFell;

    public ModelStore Store(bool isNew) => isNew ? New : Old;

    /// <summary>A copy that the caller may change until it shows it to anybody.</summary>
    public Lasting Copy() => new(Old.Copy(), New.Copy(), Journal.Copy());

    /// <summary>A copy of which only one part may be changed.</summary>
    public Lasting Copy(Place place) => place switch
    {
        Place.Old => new(Old.Copy(), New, Journal),
        Place.New => new(Old, New.Copy(), Journal),
        _ => new(Old, New, Journal.Copy()),
    };

    public ulong Hash() => _hash == 0 ? _hash = Mix.In(Mix.In(Old.Hash(), New.Hash()), Journal.Hash()) : _hash;
}
