namespace ScaleKit.Migration.Tests;

/// <summary>The contract on a real PostgreSQL with the versions in a table of their own.</summary>
public sealed class PostgreSqlSideTableTests(PostgresFixture postgres) : VersionedStoreContract, IClassFixture<PostgresFixture>
{
    private SqlStore<string, string>? _store;

    public override async Task DisposeAsync() => await _store!.DisposeAsync();

    protected override Task<IVersionedStore<string, string>> CreateAsync() =>
        Task.FromResult<IVersionedStore<string, string>>(_store = postgres.Store(postgres.NextTable(), o => o.VersionsInSideTable = true));

    protected override IVersionedStore<string, string> CreateTwin() => postgres.Store(_store!.Name, static o => o.VersionsInSideTable = true);
}
