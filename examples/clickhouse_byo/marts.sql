-- Tables as another team keeps them: tests of a web shop, their daily results by variant and country, and what must stay with them.
CREATE DATABASE IF NOT EXISTS shop_ab;

CREATE TABLE IF NOT EXISTS shop_ab.tests
(
    test_id String,
    title String,
    state LowCardinality(String),
    started Date,
    owner_email String
)
ENGINE = MergeTree ORDER BY test_id;

CREATE TABLE IF NOT EXISTS shop_ab.ab_results
(
    test_id String,
    variant LowCardinality(String),
    country LowCardinality(String),
    day Date,
    users UInt32,
    buyers UInt32,
    revenue Float64,
    revenue_squares Float64,
    conversion Float64
)
ENGINE = MergeTree PARTITION BY toYYYYMM(day) ORDER BY (test_id, variant, country, day);

CREATE TABLE IF NOT EXISTS shop_ab.assignments
(
    test_id String,
    customer_email String,
    variant LowCardinality(String)
)
ENGINE = MergeTree ORDER BY (test_id, customer_email);

TRUNCATE TABLE shop_ab.tests;

TRUNCATE TABLE shop_ab.ab_results;

TRUNCATE TABLE shop_ab.assignments;

INSERT INTO shop_ab.tests VALUES
    ('gift_wrap', 'Offer gift wrap in the basket', 'ended', '2026-03-02', 'lea@example.com'),
    ('sticky_cart', 'Keep the cart in sight', 'running', '2026-03-09', 'tom@example.com');

-- Fourteen days; each row counts the users who came in on that day, so that all of it adds up.
INSERT INTO shop_ab.ab_results
SELECT
    test_id,
    variant,
    country,
    toDate('2026-03-09') + nth AS day,
    if(country = 'DE', 400, 150) + (nth * 7 + length(test_id) + length(variant)) % 20 AS users,
    toUInt32(round(users * (rate + if(variant = 'new', gain, 0) + (number % 5 - 2) / 200))) AS buyers,
    buyers * (30 + number % 3) AS revenue,
    buyers * (30 + number % 3) * (30 + number % 3) * 1.5 AS revenue_squares,
    buyers / users AS conversion
FROM
(
    SELECT
        number,
        number % 14 AS nth,
        if(intDiv(number, 14) % 2 = 0, 'DE', 'FR') AS country,
        if(intDiv(number, 28) % 2 = 0, 'old', 'new') AS variant,
        if(intDiv(number, 56) = 0, 'gift_wrap', 'sticky_cart') AS test_id,
        if(test_id = 'gift_wrap', 0.12, 0.2) AS rate,
        if(test_id = 'gift_wrap', 0.025, 0) AS gain
    FROM numbers(112)
) AS days;

INSERT INTO shop_ab.assignments
SELECT 'gift_wrap', concat('customer', toString(number), '@example.com'), if(number % 2 = 0, 'old', 'new')
FROM numbers(1000);
